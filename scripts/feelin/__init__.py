"""FEEL compared with `@bpmn-io/feelin`, the implementation that runs in browsers."""
