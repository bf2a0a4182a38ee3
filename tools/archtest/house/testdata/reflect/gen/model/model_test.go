package model_test

import _ "reflect"
