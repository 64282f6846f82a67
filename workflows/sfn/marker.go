package sfn

// marker is the __type that the service puts into some nested answers.
type marker string

func markerOf(shape string) marker { return marker("com.amazonaws.swf.base.model#" + shape) }
