package job

import "github.com/tributary-search/tributary/runtime/connector"

// Limits returns the limits of the settings as a source wants them: see
// [connector.BulkTuner].
func Limits(source connector.Source, settings connector.BulkLimits) connector.BulkLimits {
	tuner, ok := source.(connector.BulkTuner)
	if !ok {
		return settings
	}
	tuned, limits := tuner.TuneBulk(settings), settings
	if tuned.Downloads > 0 {
		limits.Downloads = tuned.Downloads
	}
	if tuned.BatchDocs > 0 {
		limits.BatchDocs = min(limits.BatchDocs, tuned.BatchDocs)
	}
	if tuned.BatchSize > 0 {
		limits.BatchSize = min(limits.BatchSize, tuned.BatchSize)
	}
	return limits
}
