package job

import "context"

type job struct {
	ctx context.Context
}
