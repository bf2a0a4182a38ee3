//go:build !darwin && !linux

package faults_test

import "testing"

// tamperedFiles needs links and pipes that everybody may make: on other systems
// it asserts that a directory is read at all.
func tamperedFiles(t *testing.T, x *trial) {
	w, _ := x.folder(t, 100)
	w.filled(t)
}
