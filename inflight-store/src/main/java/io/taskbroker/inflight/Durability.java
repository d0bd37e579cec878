package io.taskbroker.inflight;

/** What a group of changes must survive once {@link Journal#apply} has returned. */
public enum Durability {
  /** The end of this process, at any moment. A power cut may take it back, and all later groups. */
  PROCESS_CRASH,
  /** A power cut, together with every earlier group. */
  POWER_CUT
}
