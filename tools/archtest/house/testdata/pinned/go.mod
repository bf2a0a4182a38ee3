module github.com/tributary-search/tributary

go 1.26.0
