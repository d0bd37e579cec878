package io.taskbroker.adapters.sqlite;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** A file that a tool makes: built beside its place, and there as a whole or not at all. */
public final class NewFile implements AutoCloseable {
  private final Path place;
  private final Path draft;

  private NewFile(Path place) {
    this.place = place;
    this.draft = StoreFile.draftOf(place);
  }

  /**
   * @throws UnusableFileException if there is something at the place
   */
  public static NewFile begin(Path named) throws IOException {
    Path place = StoreFile.locate(named);
    if (Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
      throw taken(place);
    }
    NewFile file = new NewFile(place);
    StoreFile.removeDraft(file.draft);
    return file;
  }

  private static UnusableFileException taken(Path place) {
    return new UnusableFileException(
        place + " exists and is not overwritten. Name another file, or move that one away.");
  }

  public Path place() {
    return place;
  }

  /** Where to build it. */
  public Path draft() {
    return draft;
  }

  /** It is built, and no connection has it open: puts it in its place, to stay there. */
  public void finish() throws IOException {
    StoreFile.sync(draft);
    try {
      Files.move(draft, place);
    } catch (FileAlreadyExistsException _) {
      throw taken(place);
    }
    StoreFile.syncFolder(place);
  }

  /** Removes what was not finished. */
  @Override
  public void close() throws IOException {
    StoreFile.removeDraft(draft);
  }
}
