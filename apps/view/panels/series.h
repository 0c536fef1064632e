#pragma once

#include <string>

#include "apps/view/world/simulation.h"

namespace fleet::view {

/// One number of each frame of a history, over time.
struct Series {
  const Simulation* simulation = nullptr;
  int field = 0;  ///< of the history
  std::int64_t row = 0;
  std::int64_t column = 0;
  double scale = 1.0;  ///< the number is multiplied by this
};

inline constexpr double kSeconds = 8.0;  ///< that plots show

/// Begins a plot over the last kSeconds up to the frame on show. @returns false where nothing is
/// seen
/// @param unit of what is plotted  @param height pixels  @param flags ImPlot's, besides ours
bool begin_time_plot(const char* name, const char* unit, const Simulation& simulation, float height,
                     int flags = 0);

/// Draws a line into it.
void plot(const std::string& label, const Series& series);

/// A row of a table of two columns that is the legend of a plot without one: the colour of its
/// line, name, number. @param index of the line in the plot, from 0
void legend_row(int index, const std::string& name, double value);

/// The mean over the time that is plotted.
double mean(const Series& series);

}  // namespace fleet::view
