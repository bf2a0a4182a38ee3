// Package secrets plants secrets wherever one can be put and looks for them
// wherever Tributary writes.
package secrets
