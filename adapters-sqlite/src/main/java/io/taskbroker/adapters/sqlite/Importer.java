package io.taskbroker.adapters.sqlite;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Turns a file of the reference broker into a store of ours. Used before any connection to the file
 * exists, by whoever holds its guard.
 */
public interface Importer {
  /** Leaves such a file as it is, and refuses it. */
  Importer NONE =
      new Importer() {
        @Override
        public void run(Path file, long nowMs) {
          throw new UnusableFileException(
              "%s was written by the reference broker. Nothing in it was changed: start this broker on it, which imports it."
                  .formatted(file));
        }

        @Override
        public void removeRemains(Path file) throws IOException {
          StoreFile.removeDraft(StoreFile.draftOf(file));
        }
      };

  /**
   * Imports the file, which afterwards is a store.
   *
   * @param nowMs Unix milliseconds
   * @throws UnusableFileException if it cannot be imported; its rows are as they were
   */
  void run(Path file, long nowMs);

  /**
   * Removes what an interrupted import, or creation, has left beside a whole store.
   *
   * @throws IOException if the folder does not allow it
   */
  void removeRemains(Path file) throws IOException;
}
