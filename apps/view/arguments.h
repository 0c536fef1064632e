#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace fleet::view {

/// What the user typed.
struct Arguments {
  std::string subject;     ///< a run folder, a task, an .onnx file or a folder with one, or a file
                           ///< of a run's divergences/
  std::string task;        ///< of an .onnx file; "": the one that it names
  std::string actor = "";  ///< trained, zero, random; "": trained where there is a policy
  std::string replay;      ///< .npz of `play --save` or `rollout`, to show instead; "" for none
  int world = 0;           ///< of those in a file of divergences
  int num_envs = 16;
  std::uint64_t seed = 0;
  int width = 1440;  ///< of the window
  int height = 900;
  std::vector<std::string> assignments;

  // For tests, and for pictures in documents.
  std::string script;       ///< what hands do; "" for none
  std::int64_t frames = 0;  ///< ends after so many, each of 1/60 s; 0: when the user ends it
  std::string screenshot;   ///< file for a picture of the last frame; "" for none
  std::string json;         ///< file for figures; "" for none
};

}  // namespace fleet::view
