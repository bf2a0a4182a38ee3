package job_test

import "testing"

func TestThere(t *testing.T) {}
