package io.taskbroker.workload.proxy;

import java.io.IOException;

/**
 * What a proxy does with the messages of one connection. Called by two threads, one for each
 * direction; each call holds up the further messages of its direction, and no others.
 */
public interface Script {
  /** Passes everything on. */
  Script PASS =
      new Script() {
        @Override
        public void fromClient(byte[] message, Line line) throws IOException {
          line.toServer(message);
        }

        @Override
        public void fromServer(byte[] message, Line line) throws IOException {
          line.toClient(message);
        }
      };

  void fromClient(byte[] message, Line line) throws IOException;

  void fromServer(byte[] message, Line line) throws IOException;
}
