package io.taskbroker.workload.process;

/** What a process can be sent. */
public enum ProcessSignal {
  INT,
  TERM,
  HUP,
  KILL,
  STOP,
  CONT
}
