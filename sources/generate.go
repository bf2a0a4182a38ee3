// Package sources lists the source types that are compiled in. Each has a
// folder of its own below this one.
package sources

//go:generate go run ../gen generate
