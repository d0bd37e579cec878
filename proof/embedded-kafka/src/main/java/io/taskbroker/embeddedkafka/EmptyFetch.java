package io.taskbroker.embeddedkafka;

import java.nio.ByteBuffer;

/** Kafka's answer to a request for records when there are none. */
final class EmptyFetch {
  /** From this version on the request has no number of a replica before its limits. */
  private static final int OLDEST_VERSION = 15;

  /** Limits of time and size, and the level of isolation. */
  private static final int BEFORE_SESSION = 4 + 4 + 4 + 1;

  private static final int ANSWER_BYTES = 4 + 1 + 4 + 2 + 4 + 1 + 1;
  private static final byte NO_TAGS = 0;
  private static final byte NO_PARTITIONS = 1; // a length, plus one

  private EmptyFetch() {}

  /**
   * The frame to answer with, without its length. No bytes if the request begins a session: its
   * answer has to name each partition. None either for an older version, in which clients ask while
   * they do not know the topic's id.
   */
  static byte[] answer(ByteBuffer request) {
    int version = request.getShort(2);
    if (version < OLDEST_VERSION) {
      return new byte[0];
    }
    int clientIdLength = Math.max(0, request.getShort(8));
    int session = 10 + clientIdLength + 1 + BEFORE_SESSION; // one byte says that no tags follow
    int id = request.getInt(session);
    int epoch = request.getInt(session + 4);
    if (id == 0 || epoch <= 0) {
      return new byte[0];
    }
    return ByteBuffer.allocate(ANSWER_BYTES)
        .putInt(request.getInt(4)) // which request is answered
        .put(NO_TAGS)
        .putInt(0) // not throttled
        .putShort((short) 0) // no error
        .putInt(id)
        .put(NO_PARTITIONS)
        .put(NO_TAGS)
        .array();
  }
}
