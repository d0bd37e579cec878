package io.taskbroker.application.operations;

/** Reads what a producer wrote into a task, for people. Safe for all threads. */
@FunctionalInterface
public interface TaskReader {
  /** Never throws for what a payload holds: it is said in the answer. */
  TaskContents read(byte[] payload);
}
