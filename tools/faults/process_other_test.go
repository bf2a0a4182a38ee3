//go:build !linux

package faults_test

// processFaults need signals and what Linux tells about a process.
func processFaults() []fault { return nil }
