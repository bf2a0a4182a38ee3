// Package emit turns the decided model into files. It is pure: it reads and
// writes no disk, and equal models give equal bytes.
//
// Go is written with jennifer, which only this package imports. Every text
// that comes from a declaration passes through one of two helpers: comment,
// when it becomes a comment, and literal, when it becomes a value.
package emit
