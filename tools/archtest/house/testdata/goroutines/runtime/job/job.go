package job

import "sync"

// Run starts two.
func Run(wg *sync.WaitGroup, f func()) {
	go f()
	wg.Go(f)
}
