module github.com/tributary-search/tributary

go 1.26.0

require example.com/commands v1.10.2

require (
	golang.org/x/sync v0.24.0
	golang.org/x/term v0.47.0 // widths
	golang.org/x/text v0.43.0 // indirect
	example.com/times v0.16.0 // rates
	golang.org/x/mod v0.30.0 // indirect
)
