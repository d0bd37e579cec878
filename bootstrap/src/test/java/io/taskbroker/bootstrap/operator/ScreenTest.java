package io.taskbroker.bootstrap.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScreenTest {
  private final StringWriter written = new StringWriter();
  private Screen.Size size = new Screen.Size(3, 10);
  private final Screen screen = new Screen(new PrintWriter(written), () -> size);

  private String shown(String... lines) {
    written.getBuffer().setLength(0);
    screen.show(_ -> List.of(lines));
    return written.toString();
  }

  @Test
  void pictures_takeEachOthersPlace_onAScreenOfTheirOwn() {
    assertThat(shown("one", "two"))
        .isEqualTo("\033[?1049h\033[?25l\033[Hone\033[K\r\ntwo\033[K\033[J");
    assertThat(shown("three")).isEqualTo("\033[Hthree\033[K\033[J");
  }

  @Test
  void whatIsTooLarge_isCut_toTheSizeOfNow() {
    assertThat(shown("0123456789ab", "b", "c", "d"))
        .endsWith("\033[H0123456789\033[K\r\nb\033[K\r\nc\033[K\033[J");
    size = new Screen.Size(1, 4);
    assertThat(shown("0123456789ab", "b")).isEqualTo("\033[H0123\033[K\033[J");
  }

  @Test
  void leaving_givesTheTerminalBack_once_andNothingIsShownAfterwards() {
    shown("one");
    written.getBuffer().setLength(0);

    screen.leave();
    screen.leave();

    assertThat(written.toString()).isEqualTo("\033[?25h\033[?1049l");
    assertThat(shown("two")).isEmpty();
  }

  @Test
  void whoHasShownNothing_givesNothingBack() {
    screen.leave();

    assertThat(written.toString()).isEmpty();
  }
}
