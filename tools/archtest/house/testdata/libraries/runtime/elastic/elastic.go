package elastic

import _ "github.com/elastic/go-elasticsearch/v8/esutil"
