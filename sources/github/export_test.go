package github

// Limited is told how GitHub refuses; a test would else wait a minute.
var Limited = limited
