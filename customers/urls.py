"""Addresses of the customers' pages, under customers/."""

from django.urls import path

from customers import views

urlpatterns = [
    path("", views.customers, name="customers"),
    path("export.xlsx", views.customers_export, name="customers-export"),
    path("<int:pk>/", views.customer, name="customer"),
    path("<int:pk>/change/", views.customer_change, name="customer-change"),
    path("<int:pk>/assign/", views.customer_assign, name="customer-assign"),
    path("<int:pk>/tier/", views.customer_tier, name="customer-tier"),
    path("contacts/<int:pk>/reveal/", views.contact_reveal, name="contact-reveal"),
]
