package io.taskbroker.adapters.http;

import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Makes a page for all who ask within the same second, so that many readers cost no more than one.
 * Pages that clients are still reading are bounded: while there are {@value #MOST_READ} of them,
 * all get the newest, however old it is. Safe for all threads.
 */
final class PagePress {
  /** How long a page is good for. */
  private static final Duration FRESH = Duration.ofSeconds(1);

  /** Pages of some MB each that may be in memory at a time. */
  static final int MOST_READ = 4;

  private final Supplier<byte[]> source;
  private final TimeSource time;
  private final List<Page> read = new ArrayList<>();
  private @Nullable Page newest;

  PagePress(Supplier<byte[]> source, TimeSource time) {
    this.source = source;
    this.time = time;
  }

  /** The newest page. Whoever gets it says {@link Page#done} once it is read, or given up. */
  synchronized Page newest() {
    Moment now = time.now();
    Page page = newest;
    if (page == null || (!now.isBefore(page.freshUntil) && read.size() < MOST_READ)) {
      page = new Page(source.get(), now.plus(FRESH));
      newest = page;
    }
    if (page.readers++ == 0) {
      read.add(page);
    }
    return page;
  }

  /** One edition. */
  final class Page {
    private final byte[] plain;
    private final Moment freshUntil;
    private byte @Nullable [] zipped;

    /** Guarded by the press. */
    private int readers;

    private Page(byte[] plain, Moment freshUntil) {
      this.plain = plain;
      this.freshUntil = freshUntil;
    }

    ByteBuffer plain() {
      return ByteBuffer.wrap(plain).asReadOnlyBuffer();
    }

    /** Compressed once, for all who understand it. */
    synchronized ByteBuffer zipped() {
      if (zipped == null) {
        var out = new ByteArrayOutputStream(plain.length / 8 + 64);
        try (var zip = new GZIPOutputStream(out)) {
          zip.write(plain);
        } catch (IOException e) {
          throw new UncheckedIOException("writing to memory does no I/O", e);
        }
        zipped = out.toByteArray();
      }
      return ByteBuffer.wrap(zipped).asReadOnlyBuffer();
    }

    void done() {
      synchronized (PagePress.this) {
        if (--readers == 0) {
          read.remove(this);
        }
      }
    }
  }
}
