//go:build !linux

package faults_test

// unprivileged calls f; the tests are not run as the superuser here.
func unprivileged(f func()) { f() }
