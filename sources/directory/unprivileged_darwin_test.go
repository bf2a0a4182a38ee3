package directory_test

import "testing"

// unprivileged calls f; tests are not run by the superuser here.
func unprivileged(_ *testing.T, f func()) { f() }
