package io.taskbroker.application.operations;

import java.util.List;

/**
 * What is logged, as operators change it while the broker runs. It is as configured when a process
 * begins. Safe for all threads.
 */
public interface LogLevels {
  /** Of a program whose log is not ours to change. */
  LogLevels FIXED =
      new LogLevels() {
        @Override
        public String configured() {
          return "";
        }

        @Override
        public List<LogChange> changes() {
          return List.of();
        }

        @Override
        public void change(LogChange change) {
          throw new IllegalArgumentException("what is logged cannot be changed here");
        }

        @Override
        public boolean end(String target) {
          return false;
        }
      };

  /** What the configuration says, such as {@code info,taskbroker::upkeep=debug}. */
  String configured();

  /** The changes in force, in the order of their targets. */
  List<LogChange> changes();

  /**
   * From now on it is logged so, until the end of the change, or of the process. It takes the place
   * of an earlier change of the same target.
   *
   * @throws IllegalArgumentException if there is no such level, or the target cannot be one
   */
  void change(LogChange change);

  /**
   * Logs as configured again.
   *
   * @param target of the change
   * @return false if there is no such change in force
   */
  boolean end(String target);
}
