package job

import (
	_ "example.com/commands/doc"
	_ "golang.org/x/sync/errgroup"
	_ "golang.org/x/text/width"
	_ "example.com/times/rate"
)
