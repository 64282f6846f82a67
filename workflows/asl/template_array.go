package asl

// EvalArray evaluates Items.
func (t *Template) EvalArray(b *Bindings) ([]any, error) {
	value, err := t.Eval(b)
	if err != nil {
		return nil, err
	}
	if v, ok := value.([]any); ok {
		return v, nil
	}
	return nil, t.unexpected("array", value)
}
