package connector

import _ "golang.org/x/sync/errgroup"
