package asl

import "math"

func (d *definitionReader) readParallel(f fields, state *State) {
	f.require("Branches")
	state.Arguments = d.template(f, "Arguments", "Arguments", place{})
	if items, ok := f.array("Branches"); ok && len(items) == 0 {
		d.report(codeSchema, f.at("Branches"), "Value cannot be empty")
	} else if ok {
		for _, branch := range f.children("Branches") {
			branch.allow("StartAt", "States", "Comment")
			state.Branches = append(state.Branches, d.readBranch(branch))
		}
	}
	d.readErrors(f, state)
}

// readBranch reads what a branch and a processor have in common. Their states have
// the query language of the machine.
func (d *definitionReader) readBranch(f fields) *Flow {
	f.require("States", "StartAt")
	f.text("Comment")
	flow := &Flow{}
	d.readFlow(f, flow)
	return flow
}

func (d *definitionReader) readMap(f fields, state *State) {
	f.require("ItemProcessor")
	state.Items = d.items(f)
	state.ItemSelector = d.template(f, "ItemSelector", "ItemSelector", place{})
	state.MaxConcurrency = d.concurrency(f)
	if processor, ok := f.child("ItemProcessor"); ok {
		processor.allow("ProcessorConfig", "StartAt", "States", "Comment")
		if config, ok := processor.child("ProcessorConfig"); ok {
			d.readProcessorConfig(config)
		}
		state.Processor = d.readBranch(processor)
	}
	d.readErrors(f, state)
}

// readProcessorConfig takes the one mode that is implemented.
func (d *definitionReader) readProcessorConfig(f fields) {
	if f.oneOf("Mode", "INLINE", "DISTRIBUTED") == "DISTRIBUTED" {
		d.report(codeSchema, f.at("Mode"), "Mode 'DISTRIBUTED' is not supported here")
		return
	}
	f.allow("Mode")
}

// items reads Items: an array, with expressions at any depth, or an expression.
func (d *definitionReader) items(f fields) *Template {
	t := d.template(f, "Items", "Items", place{})
	if t == nil {
		return nil
	}
	switch root := t.root.(type) {
	case *expression, arrayPart:
	case constantPart:
		if _, ok := root.value.([]any); !ok {
			d.report(codeSchema, f.at("Items"), "Expected value of type [ARRAY] or a JSONata expression")
		}
	default:
		d.report(codeSchema, f.at("Items"), "Expected value of type [ARRAY] or a JSONata expression")
	}
	return t
}

// concurrency reads MaxConcurrency; AWS has no upper bound for it.
func (d *definitionReader) concurrency(f fields) *Template {
	t := d.scalar(f, "MaxConcurrency")
	if t != nil && t.constant {
		f.checkInteger("MaxConcurrency", t.value, 0, math.MaxFloat64)
	}
	return t
}
