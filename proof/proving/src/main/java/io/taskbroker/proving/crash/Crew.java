package io.taskbroker.proving.crash;

/** Workers that do what comes, until they are closed. */
@FunctionalInterface
interface Crew extends AutoCloseable {
  @Override
  void close();
}
