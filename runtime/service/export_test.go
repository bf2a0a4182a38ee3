package service

import "net/http"

// TouchedBy opens what pipelines may touch to its tests.
func TouchedBy(definition []byte) func(field string) bool { return touchedBy(definition).touches }

// Drops reports whether pipelines may drop documents.
func Drops(definition []byte) bool { return touchedBy(definition).drops }

// HTTPClient is the client that sources are lent.
func HTTPClient(linkLocal bool) *http.Client { return httpClient(linkLocal) }
