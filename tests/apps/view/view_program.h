#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "tests/apps/program.h"
#include "tests/support/picture.h"
#include "tests/support/virtual_screen.h"

namespace fleet {

/// What fleet-view did: its exit code, what it printed, and its figures (null without --json -).
struct Viewed {
  Outcome outcome;
  nlohmann::json figures;
};

/// Runs fleet-view in `folder` with software OpenGL, whose drivers leak at the end. @param display
/// "" for none
inline Viewed run_view_on(const std::string& display, const std::string& folder,
                          const std::string& arguments) {
  const files::TemporaryFolder streams;
  const std::string command = "cd '" + folder +
                              "' && FLEET_ROOT='" FLEET_SOURCE_DIR
                              "' LIBGL_ALWAYS_SOFTWARE=1 LSAN_OPTIONS=detect_leaks=0 DISPLAY='" +
                              display + "' '" FLEET_VIEW_PROGRAM "' " + arguments + " > '" +
                              streams / "out" + "' 2> '" + streams / "error" + "' < /dev/null";
  const int status = std::system(command.c_str());
  Viewed viewed{{WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_text(streams / "out"),
                 read_text(streams / "error")},
                nullptr};
  viewed.figures = nlohmann::json::parse(viewed.outcome.out, nullptr, false);
  return viewed;
}

/// A folder and a screen for one test.
class ViewTest : public testing::Test {
 protected:
  /// Lets hands do what the script says, for so many frames of a small window.
  Viewed run_view(const std::string& subject, int frames, const std::string& script) {
    write_text(folder_ / "script", script);
    Viewed viewed =
        run_view_on(screen_.display(), folder_.path(),
                    subject + " --width 960 --height 600 --json - --script script --frames " +
                        std::to_string(frames));
    EXPECT_EQ(viewed.outcome.code, 0) << viewed.outcome.error;
    EXPECT_EQ(viewed.outcome.error, "");
    return viewed;
  }
  Picture picture(const std::string& name) const { return Picture(folder_ / name); }

  files::TemporaryFolder folder_;
  VirtualScreen screen_;
};

/// Within the scene of a window that has its panels; the reward panel at the top right.
inline constexpr Part kScene{0.22, 0.06, 0.62, 0.90};
inline constexpr Part kRewardPlot{0.74, 0.06, 0.97, 0.32};

}  // namespace fleet
