//go:build !unix

package elastic_test

// cpuTime is not measured here.
func cpuTime() int64 { return 0 }
