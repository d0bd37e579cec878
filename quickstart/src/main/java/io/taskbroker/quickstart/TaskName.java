package io.taskbroker.quickstart;

/** A task's namespace and its own name: {@code mail.welcome}, or {@code mail:welcome}. */
record TaskName(String namespace, String task) {
  private static final String DEFAULT_NAMESPACE = "default";

  /**
   * Splits as the Python client does: at the first colon, or else at the first point.
   *
   * @throws IllegalArgumentException if one of both is empty
   */
  static TaskName of(String name) {
    int colon = name.indexOf(':');
    int at = colon < 0 ? name.indexOf('.') : colon;
    TaskName split =
        at < 0
            ? new TaskName(DEFAULT_NAMESPACE, name)
            : new TaskName(name.substring(0, at), name.substring(at + 1));
    if (split.namespace.isEmpty() || split.task.isEmpty()) {
      throw new IllegalArgumentException(
          "the name of a task is such as mail.welcome, was '%s'".formatted(name));
    }
    return split;
  }

  /** As it is written; without a namespace that goes without saying. */
  String words() {
    return namespace.isEmpty() || namespace.equals(DEFAULT_NAMESPACE)
        ? task
        : namespace + "." + task;
  }
}
