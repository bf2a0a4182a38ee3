module github.com/tributary-search/tributary

go 1.26.0

require (
	golang.org/x/sync v0.24.0
	golang.org/x/term v0.47.0
	golang.org/x/text v0.43.0 // indirect
)
