package job

import (
	"log"
	"os"
)

// Run ends the process, twice.
func Run() {
	log.Fatal("no")
	os.Exit(1)
}
