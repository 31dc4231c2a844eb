// The few sentences that the browser says by itself.
const words = {
  zh: {
    draftSaving: "正在保存草稿…",
    draftSaved: (time) => `草稿已保存 ${time}`,
    draftFailed: "草稿未能保存,请先不要关闭页面",
    draftSignedOut: "登录已过期:请在新窗口登录,再回到本页继续填写",
    offline: "网络不通,请稍后再试;刚才的操作没有提交",
    sending: "正在提交…",
    diagramFailed: "流程图未能打开",
    zoomIn: "放大",
    zoomOut: "缩小",
    zoomFit: "适合窗口",
  },
  en: {
    draftSaving: "Saving the draft…",
    draftSaved: (time) => `Draft saved ${time}`,
    draftFailed: "The draft could not be saved; please do not close this page yet",
    draftSignedOut: "You were signed out: sign in in a new window, then continue here",
    offline: "No connection. Please try again; nothing was submitted",
    sending: "Sending…",
    diagramFailed: "The diagram could not be opened",
    zoomIn: "Zoom in",
    zoomOut: "Zoom out",
    zoomFit: "Fit",
  },
};

/** A sentence in the page's language (<html lang>), Chinese unless the page is English. */
export function say(key, ...values) {
  const language = document.documentElement.lang.toLowerCase().startsWith("en") ? "en" : "zh";
  const sentence = words[language][key];
  return typeof sentence === "function" ? sentence(...values) : sentence;
}
