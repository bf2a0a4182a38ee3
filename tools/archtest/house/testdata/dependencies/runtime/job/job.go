package job

import (
	_ "golang.org/x/sync/errgroup"
	_ "golang.org/x/text/width"
)
