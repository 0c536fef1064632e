#include "apps/view/figures.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/files/atomic_write.h"

namespace fleet::view {
namespace {

nlohmann::ordered_json to_json(const std::optional<double>& value) {
  return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json();
}

nlohmann::ordered_json to_json(const std::vector<ShownOrder>& orders) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const ShownOrder& order : orders) {
    list.push_back({{"skill", order.skill}, {"target", order.target}});
  }
  return list;
}

}  // namespace

void save_figures(const std::string& file, Figures figures) {
  if (file.empty()) {
    return;
  }
  std::vector<double>& times = figures.frame_time;
  std::ranges::sort(times);
  const auto quantile = [&](double part) {
    const auto last = static_cast<double>(times.size()) - 1.0;
    return times.empty() ? 0.0 : times[static_cast<std::size_t>(part * last)];
  };
  const nlohmann::ordered_json json{{"gl", figures.gl},
                                    {"start_up_s", figures.start_up},
                                    {"frames", times.size() + 1},
                                    {"frame_time_p50_s", quantile(0.5)},
                                    {"frame_time_p99_s", quantile(0.99)},
                                    {"control_steps", figures.control_steps},
                                    {"simulated_s", figures.simulated},
                                    {"paused", figures.is_paused},
                                    {"speed", figures.speed},
                                    {"env", figures.env},
                                    {"tiles", figures.num_tiles},
                                    {"camera", figures.camera},
                                    {"divergences", figures.divergences},
                                    {"qpos", figures.qpos},
                                    {"policy", figures.policy},
                                    {"value", to_json(figures.value)},
                                    {"orders", to_json(figures.orders)},
                                    {"message", figures.message}};
  const std::string text = json.dump(2) + "\n";
  if (file == "-") {
    fmt::print("{}", text);
  } else {
    files::atomic_write(file, text);
  }
}

}  // namespace fleet::view
