package job

import _ "github.com/tributary-search/tributary/runtime/elastic"
