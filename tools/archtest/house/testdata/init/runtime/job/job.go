package job

func init() {}
