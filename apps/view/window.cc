#include "apps/view/window.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

#include <GLFW/glfw3.h>
#include <imgui.h>
#include <imgui_impl_glfw.h>
#include <imgui_impl_opengl3.h>
#include <implot.h>

// The backend's own table, which its header leaves out.
ImGuiKey ImGui_ImplGlfw_KeyToImGuiKey(int keycode, int scancode);

namespace fleet::view {
namespace {

std::string glfw_problem() {
  const char* text = nullptr;
  glfwGetError(&text);
  return text != nullptr ? text : "no reason given";
}

[[noreturn]] void refuse(const std::string& problem) {
  throw std::runtime_error("no window can be opened here (" + problem +
                           "); without a screen, run it under xvfb-run");
}

}  // namespace

/// GLFW calls these. Each event goes to Dear ImGui and into the queue.
struct Window::Callbacks {
  static void add(GLFWwindow* window, const Event& event) {
    static_cast<Window*>(glfwGetWindowUserPointer(window))->events_.push_back(event);
  }
  static void key(GLFWwindow* window, int key, int scancode, int action, int mods) {
    ImGui_ImplGlfw_KeyCallback(window, key, scancode, action, mods);
    if (action != GLFW_REPEAT) {
      add(window, {.kind = Event::Kind::kKey,
                   .code = key,
                   .is_down = action == GLFW_PRESS,
                   .modifiers = mods});
    }
  }
  static void button(GLFWwindow* window, int button, int action, int mods) {
    ImGui_ImplGlfw_MouseButtonCallback(window, button, action, mods);
    add(window, {.kind = Event::Kind::kButton,
                 .code = button,
                 .is_down = action == GLFW_PRESS,
                 .modifiers = mods});
  }
  static void cursor(GLFWwindow* window, double x, double y) {
    ImGui_ImplGlfw_CursorPosCallback(window, x, y);
    add(window, {.kind = Event::Kind::kCursor, .x = x, .y = y});
  }
  static void scroll(GLFWwindow* window, double x, double y) {
    ImGui_ImplGlfw_ScrollCallback(window, x, y);
    add(window, {.kind = Event::Kind::kScroll, .x = x, .y = y});
  }
};

Window::Window(const std::string& title, Size size) {
  if (glfwInit() == GLFW_FALSE) {
    refuse(glfw_problem());
  }
  // MuJoCo draws with the functions of OpenGL 1.5, which only a compatibility profile has.
  glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
  glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 0);
  glfwWindowHint(GLFW_DOUBLEBUFFER, GLFW_TRUE);
  window_ = glfwCreateWindow(size.width, size.height, title.c_str(), nullptr, nullptr);
  if (window_ == nullptr) {
    const std::string problem = glfw_problem();
    glfwTerminate();
    refuse(problem);
  }
  glfwMakeContextCurrent(window_);
  gl_name_ = reinterpret_cast<const char*>(glGetString(GL_RENDERER));
  glfwSwapInterval(is_software() ? 0 : 1);
  glfwSetWindowUserPointer(window_, this);
  float scale_x = 1.0F;
  float scale_y = 1.0F;
  glfwGetWindowContentScale(window_, &scale_x, &scale_y);
  scale_ = std::clamp(static_cast<double>(scale_y), 1.0, 4.0);
  start_gui();
}

void Window::start_gui() {
  IMGUI_CHECKVERSION();
  ImGui::CreateContext();
  ImPlot::CreateContext();
  ImGuiIO& io = ImGui::GetIO();
  io.IniFilename = nullptr;  // leaves no file behind
  io.ConfigFlags |= ImGuiConfigFlags_DockingEnable;
  ImGui::StyleColorsDark();
  ImGui::GetStyle().ScaleAllSizes(static_cast<float>(scale_));
  ImGui::GetStyle().FontScaleDpi = static_cast<float>(scale_);
  ImGui_ImplGlfw_InitForOpenGL(window_, false);
  ImGui_ImplOpenGL3_Init("#version 130");
  glfwSetWindowFocusCallback(window_, ImGui_ImplGlfw_WindowFocusCallback);
  glfwSetCursorEnterCallback(window_, ImGui_ImplGlfw_CursorEnterCallback);
  glfwSetCharCallback(window_, ImGui_ImplGlfw_CharCallback);
  glfwSetKeyCallback(window_, Callbacks::key);
  glfwSetMouseButtonCallback(window_, Callbacks::button);
  glfwSetCursorPosCallback(window_, Callbacks::cursor);
  glfwSetScrollCallback(window_, Callbacks::scroll);
}

Window::~Window() {
  ImGui_ImplOpenGL3_Shutdown();
  ImGui_ImplGlfw_Shutdown();
  ImPlot::DestroyContext();
  ImGui::DestroyContext();
  glfwDestroyWindow(window_);
  glfwTerminate();
}

bool Window::is_closed() const { return glfwWindowShouldClose(window_) == GLFW_TRUE; }
void Window::close() { glfwSetWindowShouldClose(window_, GLFW_TRUE); }

std::vector<Event> Window::take_events() {
  glfwPollEvents();
  return std::exchange(events_, {});
}

void Window::inject(const Event& event) {
  ImGuiIO& io = ImGui::GetIO();
  io.AddKeyEvent(ImGuiMod_Ctrl, (event.modifiers & GLFW_MOD_CONTROL) != 0);
  io.AddKeyEvent(ImGuiMod_Shift, (event.modifiers & GLFW_MOD_SHIFT) != 0);
  io.AddKeyEvent(ImGuiMod_Alt, (event.modifiers & GLFW_MOD_ALT) != 0);
  switch (event.kind) {
    case Event::Kind::kKey:
      io.AddKeyEvent(ImGui_ImplGlfw_KeyToImGuiKey(event.code, 0), event.is_down);
      break;
    case Event::Kind::kButton:
      io.AddMouseButtonEvent(event.code, event.is_down);
      break;
    case Event::Kind::kCursor:
      ImGui_ImplGlfw_CursorEnterCallback(window_,
                                         GLFW_TRUE);  // else it asks the screen where it is
      io.AddMousePosEvent(static_cast<float>(event.x), static_cast<float>(event.y));
      break;
    case Event::Kind::kScroll:
      io.AddMouseWheelEvent(static_cast<float>(event.x), static_cast<float>(event.y));
      break;
  }
  events_.push_back(event);
}

void Window::begin_frame(std::optional<double> dt) {
  ImGui_ImplOpenGL3_NewFrame();
  ImGui_ImplGlfw_NewFrame();
  if (dt) {
    ImGui::GetIO().DeltaTime = static_cast<float>(*dt);
  }
  ImGui::NewFrame();
}

void Window::draw_gui() {
  ImGui::Render();
  ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
}

void Window::show() { glfwSwapBuffers(window_); }

Size Window::size() const {
  Size size;
  glfwGetWindowSize(window_, &size.width, &size.height);
  return size;
}

Size Window::pixels() const {
  Size size;
  glfwGetFramebufferSize(window_, &size.width, &size.height);
  return size;
}

bool Window::is_software() const {
  return std::ranges::any_of(
      std::initializer_list<const char*>{"llvmpipe", "softpipe", "swrast"},
      [&](const char* name) { return gl_name_.find(name) != std::string::npos; });
}

render::Image Window::read() const {
  const Size size = pixels();
  render::Image image{size.width, size.height, {}};
  const auto row = 3 * static_cast<std::size_t>(size.width);
  std::vector<std::uint8_t> upside_down(row * static_cast<std::size_t>(size.height));
  glPixelStorei(GL_PACK_ALIGNMENT, 1);
  glReadBuffer(GL_BACK);
  glReadPixels(0, 0, size.width, size.height, GL_RGB, GL_UNSIGNED_BYTE, upside_down.data());
  image.pixels.resize(upside_down.size());
  for (std::size_t y = 0; y < static_cast<std::size_t>(size.height); ++y) {
    std::memcpy(&image.pixels[y * row],
                &upside_down[(static_cast<std::size_t>(size.height) - 1 - y) * row], row);
  }
  return image;
}

}  // namespace fleet::view
