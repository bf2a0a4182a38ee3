package job

func pointer() *int { return &total }
