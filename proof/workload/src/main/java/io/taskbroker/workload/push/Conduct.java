package io.taskbroker.workload.push;

/** What workers that are called do about it. */
public enum Conduct {
  /** Accept each task, do it, and report on it. */
  WORK,
  /** Accept each task, and say nothing more of it. */
  KEEP,
  /** Say of each that they have no room. */
  BUSY,
  /** Say of each that they are not available, which leaves open whether they have it. */
  REFUSE,
  /** Say nothing until they are told to do something else; a call given up by then is forgotten. */
  HANG
}
