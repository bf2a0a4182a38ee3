package service

// TouchedBy opens what pipelines may touch to its tests.
func TouchedBy(definition []byte) func(field string) bool { return touchedBy(definition).touches }

// Drops reports whether pipelines may drop documents.
func Drops(definition []byte) bool { return touchedBy(definition).drops }
